"""Where does need cluster on the map?"""
