"""What does the page on gaps show, part by part?"""
