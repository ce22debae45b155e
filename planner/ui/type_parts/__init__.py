"""What does the page on neighbourhood types show, part by part?"""
