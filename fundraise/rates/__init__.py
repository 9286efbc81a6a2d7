"""Exchange rates: rows with a source, a date and a file behind them, never changed once they are here."""
