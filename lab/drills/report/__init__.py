"""Reports of drills: an HTML page, a Markdown table, all figures as JSON, and a short summary for the documentation."""
