"""Mail: over SMTP, or into a folder for trying things out."""
