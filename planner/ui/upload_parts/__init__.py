"""How does a visitor's own file become part of what the planner works with?"""
