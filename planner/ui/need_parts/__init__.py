"""What does the page on need show, part by part?"""
