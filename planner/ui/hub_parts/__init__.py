"""What does the page on hubs show, part by part?"""
