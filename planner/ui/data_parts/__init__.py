"""Which parts does the page on data and method have?"""
