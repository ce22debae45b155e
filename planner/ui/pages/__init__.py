"""One page a question, thin: read the plan, say the finding, show it and its table."""
