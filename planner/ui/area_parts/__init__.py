"""Which parts does the page on one area have?"""
