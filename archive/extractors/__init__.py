"""Pages to articles: body, boilerplate, metadata, dates, language. Knows neither files nor databases."""
