"""Where do people need help most, what can they not reach, and where should we bring it together?"""
