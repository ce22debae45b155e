"""Which areas did a person pick out together, and what follows from it?"""
