"""Pages that anybody may open, and the pages that belong to one gift."""
