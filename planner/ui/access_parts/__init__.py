"""What does the page of access show, part by part?"""
