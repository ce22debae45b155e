"""Where do needs meet, without one making up for another?"""
