"""Opens the app from an installed package; alone in its folder, for Streamlit reads `pages/`."""

from planner.ui.main import main

main()
