"""The doors that time opens: scheduled work, its timetable and its record."""
