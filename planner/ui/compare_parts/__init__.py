"""What does the page that compares scenarios ask and show, part by part?"""
