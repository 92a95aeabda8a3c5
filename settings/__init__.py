"""What we know (languages, Scrapy settings) and what the user chooses (site, outlets): data, and its typed readers."""
