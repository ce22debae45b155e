"""What does a planner see and choose on the screen?"""
