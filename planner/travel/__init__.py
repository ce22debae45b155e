"""How long does it take people to get there? `TravelTimes` and the ways to build it."""
