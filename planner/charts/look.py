"""What have all charts in common?"""

from __future__ import annotations

#: Around a chart; Streamlit's own code fails where this is one number.
ROOM = {"left": 5, "top": 5, "bottom": 5, "right": 12}
