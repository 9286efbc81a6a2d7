"""Reading published exchange rates: the European Central Bank's and HMRC's, as files, as packages, from their sites."""
