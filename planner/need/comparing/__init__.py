"""How does a place stand beside others, and beside itself at another time?"""
