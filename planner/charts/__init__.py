"""What does it look like? Frames in, charts out; nothing is shown here."""
