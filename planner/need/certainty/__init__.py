"""How sure is an area of its rank, whatever is assumed?"""
