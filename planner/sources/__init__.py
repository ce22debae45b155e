"""How is each publisher's file read, exactly as it is published?"""
