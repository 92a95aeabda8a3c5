"""What the names of elements tell: words that themes and content systems use in class, id and role."""

from __future__ import annotations

import re

JUNK = re.compile(
    r"""(?:^|[\s_-])(?P<word>
      related | recirc\w* | recommend\w* | read-?more | read-?also | see-?also | also-?read |
      more-?(?:news|stories|articles|on|from) | most-?(?:read|popular|viewed) | popular | trending |
      teasers? | promo\w* | outbrain | taboola | sponsor\w* | advert\w* | adspot | adsbygoogle | ads? |
      banner | share | shar(?:ing|er)\w* | social\w* | addtoany | addthis | sharedaddy | follow\w* |
      newsletter\w* | subscri\w* | paywall\w* | comments? | commentlist | respond | disqus\w* |
      breadcrumbs? | crumbs | pagination | pager | (?:post|page|next|prev)-?nav\w* | prev-?next |
      next-?prev | navigation | nav | menu\w* | sidebar | widget | footer | copyright\w* | disclaimer |
      cookies? | consent | gdpr | (?<!\S)tags?(?!\S) | tag-?(?:list|cloud|box) | tags?-?links |
      (?:post|entry|article|story|field|news)[_-]?tags? | keywords | topics |
      author-?(?:box|bio|info|card|desc\w*) | about-?(?:the-)?author | bio | byline | post-?meta |
      entry-?meta | article-?meta | meta-?info | dateline | caption | wp-caption-text | figcaption |
      photo-?credit | image-?(?:credit|source|caption) | gallery-?caption | credits?-?photo | toolbar |
      tools | print | rating | votes? | poll | survey | login | modal | popup | tooltip | ticker |
      breaking | hidden | screen-reader-text | visually-hidden | sr-only |
      inline-?(?:related|promo|links?)\w* | links?-?block | storylinks? | check-?also\w* | noprint |
      no-print | embed\w* | twitter-tweet | instagram-media | fb-post
    )(?=$|[\s_-])""",
    re.VERBOSE,
)
"""Names of what stands around an article, as whole words of a name."""
LEAD = re.compile(
    r"""\b(?:lead|lede|standfirst|dek|chapo|intro|summary|abstract|subtitle|sub-?head(?:ing
    |line)?|excerpt|kicker-text|description|teaser-text|article-?desc\w*)\b""",
    re.VERBOSE,
)
BYLINE = re.compile(
    r"""\b(?:by-?line\w*|authors?(?:-?name|-?link)?|post-?author\w*|article-?author\w*
    |entry-?author\w*|meta-?author\w*|writer|reporter|journalist|creator|field--?name-uid|uid
    |fn)\b""",
    re.VERBOSE,
)
DATED = re.compile(r"date|time|publish|posted|meta|byline|updated|created|stamp|info")
PUBLISHED = re.compile(r"publish|pubdate|entry-date|post-date|posted|created")
UPDATED = re.compile(r"updat|modif")
COMMENTS = re.compile(r"\b(?:comments?|commentlist|respond|disqus)\b")
ASIDE_TAGS = frozenset(("nav", "aside", "footer", "form", "figcaption", "button", "menu"))
CAPTION_TAGS = frozenset(("figure", "figcaption", "picture"))
"""Elements whose text belongs to a picture."""


def junk_word(names: str) -> str | None:
    """Return the word in an element's names that says that it is no part of an article, or None."""
    match = JUNK.search(names) if names else None
    return match["word"] if match else None
