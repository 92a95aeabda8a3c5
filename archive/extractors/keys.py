"""The names under which pages give their metadata (`meta` elements), the surest first."""

from __future__ import annotations

AUTHOR_KEYS = (
    "author",
    "article:author",
    "dc.creator",
    "dcterms.creator",
    "parsely-author",
    "sailthru.author",
    "byl",
    "authors",
    "cxenseparse:author",
    "creator",
    "twitter:creator:name",
)
TITLE_KEYS = (
    "og:title",
    "twitter:title",
    "parsely-title",
    "dc.title",
    "sailthru.title",
    "headline",
)
PUBLISHED_KEYS = (
    "article:published_time",
    "article:published",
    "og:article:published_time",
    "og:published_time",
    "datepublished",
    "parsely-pub-date",
    "sailthru.date",
    "dc.date.issued",
    "dcterms.issued",
    "dc.date.created",
    "dcterms.created",
    "dcterms.date",
    "dc.date",
    "pubdate",
    "publishdate",
    "publish-date",
    "publish_date",
    "published_time",
    "publication_date",
    "cxenseparse:recs:publishtime",
    "article.published",
    "ptime",
    "date",
    "article_date_original",
    "originalpublicationdate",
    "article:create_at",
)
MODIFIED_KEYS = (
    "article:modified_time",
    "og:updated_time",
    "datemodified",
    "article:modified",
    "dcterms.modified",
    "dc.date.modified",
    "lastmod",
    "last-modified",
    "revision_date",
    "utime",
    "article:update_at",
)
SECTION_KEYS = (
    "article:section",
    "parsely-section",
    "section",
    "og:article:section",
    "cxenseparse:section",
)
TAG_KEYS = (
    "article:tag",
    "news_keywords",
    "keywords",
    "parsely-tags",
    "og:article:tag",
)
DESCRIPTION_KEYS = (
    "og:description",
    "description",
    "twitter:description",
)
