"""What are the parts of the page on the place?"""
