"""Which parts does the page on the report have?"""
