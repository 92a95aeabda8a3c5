"""Outlets of eight platforms and languages: each is found by its home alone and walked to its last article."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.crawler.discovery.sites import Site, probe, rss, urlset, walk

AR = [
    "افتتاح جسر جديد فوق النهر بعد سنوات من الأشغال",
    "وزارة التعليم تعلن مواعيد الامتحانات النهائية هذا العام",
    "فريق المدينة يفوز في المباراة الأخيرة من الموسم",
]
FA = [
    "گشایش پل تازه بر روی رودخانه پس از سال‌ها کار",
    "وزارت آموزش زمان آزمون‌های پایان سال را اعلام کرد",
    "تیم شهر در آخرین بازی فصل پیروز شد",
]
ZH = [
    "新大桥经过多年施工今天正式通车",
    "教育部公布今年期末考试时间安排",
    "本市球队在赛季最后一场比赛中获胜",
    "市政府宣布明年城市规划重点项目",
]
FR = [
    "Un nouveau pont sur le fleuve après des années de travaux",
    "Le ministère annonce les dates des examens de juin",
    "L'équipe de la ville gagne le dernier match",
]
EN = [
    "A new bridge opens over the river after years of work",
    "Ministry announces the dates of the final exams",
    "City team wins the last match of the season",
]


def teasers(rows: list[tuple[str, str]]) -> str:
    """Draw teasers as most sites do: a headline in a box."""
    return "".join(f'<article><h2><a href="{path}">{title}</a></h2></article>' for path, title in rows)


def blogger() -> Site:
    """A Blogger blog: labels and archives of months around posts, older posts behind a search address."""
    site = Site("https://jarida.blogspot.com/")
    posts = [
        (
            site.article(f"/2026/0{m}/{'post' if m % 2 else 'blog-post'}_{m}.html", f"{AR[m % 3]} {m}"),
            f"{AR[m % 3]} {m}",
        )
        for m in range(1, 7)
    ]
    around = (
        '<div id="BlogArchive1"><a href="/2026/05/">05</a><a href="/2026/">2026</a></div><a '
        'href="/search/label/x">x</a>'
        '<a href="/p/about.html">من نحن</a><a href="/2026/05/post_5.html#comments">3</a>'
    )
    feed = '<link rel="alternate" type="application/atom+xml" href="/feeds/posts/default"/>'
    older = (
        '<a class="blog-pager-older-link" '
        'href="/search?updated-max=2026-04-01T10:00:00%2B03:00&amp;max-results=3">رسائل أقدم</a>'
    )
    site.page("/", teasers(posts[3:]) + around + older, head=f"<title>جريدة الحي</title>{feed}")
    site.page("/search?updated-max=2026-04-01T10:00:00%2B03:00&max-results=3", teasers(posts[:3]) + around)
    rows = "".join(
        f'<entry><title>{t}</title><link rel="alternate" href="{site.home[:-1]}{p}"/></entry>' for p, t in posts[4:]
    )
    site.put(
        "/feeds/posts/default",
        f'<feed xmlns="http://www.w3.org/2005/Atom"><title>جريدة الحي</title>{rows}</feed>',
        "application/atom+xml",
    )
    return site


def joomla() -> Site:
    """A Joomla site: ids before slugs, `index.php` in every address, pages by `?start=`."""
    site = Site("http://www.lejournal.tn/")
    rows = [(site.article(f"/index.php/politique/{n}-un-titre-{n}", FR[n % 3]), FR[n % 3]) for n in range(118, 130)]
    menu = (
        '<ul class="nav menu"><li><a href="/index.php/politique">Politique</a></li><li><a '
        'href="/index.php/contact">Contact</a></li><li><a '
        'href="/index.php/component/users/?view=login">Connexion</a></li></ul>'
    )
    pages = (
        '<div class="pagination"><a href="/index.php/politique?start=5">2</a><a '
        'href="/index.php/politique?start=10">3</a></div>'
    )
    feed = '<link href="/index.php?format=feed&amp;type=rss" rel="alternate" type="application/rss+xml">'
    site.page(
        "/",
        menu + teasers(rows[-3:]),
        head=f'<title>Accueil</title><meta property="og:site_name" content="Le Journal">{feed}',
    )
    for start in (0, 5, 10):
        path = "/index.php/politique" + (f"?start={start}" if start else "")
        printed = "".join(f'<a href="{p}?tmpl=component&amp;print=1">Imprimer</a>' for p, _ in rows[:2])
        site.page(path, menu + teasers(list(reversed(rows))[start : start + 5]) + printed + pages)
    site.put(
        "/index.php?format=feed&type=rss", rss([(site.home + p[1:], t) for p, t in rows[-2:]]), "application/rss+xml"
    )
    return site


def single_page() -> Site:
    """A page drawn by a script: no links but in JSON-LD, opaque ids, a sitemap in robots.txt."""
    site = Site("https://www.thedaily.ke/")
    paths = [site.article(f"/a/8f3kd0{n}ls9x", EN[n % 3]) for n in range(6)]
    items = [{"@type": "ListItem", "position": n, "url": path, "name": EN[n % 3]} for n, path in enumerate(paths[:4])]
    data = {
        "@context": "https://schema.org",
        "@graph": [{"@type": "WebSite", "name": "The Daily"}, {"@type": "ItemList", "itemListElement": items}],
    }
    site.page(
        "/",
        '<div id="root"></div><script src="/app.js"></script>',
        head=f'<title>Home</title><script type="application/ld+json">{json.dumps(data)}</script>',
    )
    site.put(
        "/robots.txt",
        "User-agent: *\nDisallow: /api/\nSitemap: https://www.thedaily.ke/sitemaps/index.xml\n",
        "text/plain",
    )
    site.put(
        "/sitemaps/index.xml",
        "<sitemapindex><sitemap><loc>/sitemaps/articles-1.xml</loc></sitemap><sitemap><loc>"
        "/sitemaps/topics.xml</loc></sitemap></sitemapindex>",
        "text/xml",
    )
    site.put("/sitemaps/articles-1.xml", urlset([site.home + path[1:] for path in paths[2:]]), "text/xml")
    site.put("/sitemaps/topics.xml", urlset([site.home + "topic/economy"]), "text/xml")
    return site


def table(rows: list[tuple[str, str]]) -> str:
    """Draw teasers as old sites do: bare links in a table."""
    return (
        "<table>" + "".join(f"<tr><td><a href='{path[1:]}'>{title}</a></td></tr>" for path, title in rows) + "</table>"
    )


def old_asp() -> Site:
    """Frames, tables and numbers in queries, in windows-1256: no feed, no sitemap, no class names."""
    site = Site("http://www.alnahda.com.eg/", encoding="cp1256")
    rows = [(site.article(f"/news.asp?id={n}", AR[n % 3]), AR[n % 3]) for n in range(31, 45)]
    site.put(
        "/", b"<html><frameset rows='80,*'><frame src='menu.asp'><frame src='main.asp'></frameset></html>", "text/html"
    )
    site.page(
        "/menu.asp",
        "<table><tr><td><a href='list.asp?classid=7'>سياسة</a></td><td><a href='login.asp'>دخول</a></td></tr></table>",
    )
    site.page("/main.asp", table(rows[-2:]) + "<a href='print.asp?id=44'>طباعة</a>")
    for page in (1, 2, 3):
        path = "/list.asp?classid=7" + (f"&page={page}" if page > 1 else "")
        further = "".join(f" <a href='list.asp?classid=7&page={n}'>{n}</a>" for n in (1, 2, 3) if n != page)
        site.page(path, table(list(reversed(rows))[(page - 1) * 5 : page * 5]) + further)
    return site


def chinese_portal() -> Site:
    """A portal of many hosts: dates without separators, pages numbered in file names, gb18030 declared as gb2312."""
    site = Site("http://www.shibao.com.cn/", encoding="gb18030")
    rows = [
        (site.article(f"http://news.shibao.com.cn/2016/0503/c1001-{n}.html", ZH[n % 4]), ZH[n % 4])
        for n in range(28301, 28313)
    ]
    short = site.article("http://sports.shibao.com.cn/n1/2016/0504/t20160504_77.htm", "夺冠")
    lists = "".join(f'<li><a href="{p}">{t}</a></li>' for p, t in rows[-4:])
    menu = (
        '<div class="nav"><a href="http://news.shibao.com.cn/">新闻</a><a '
        'href="http://sports.shibao.com.cn/">体育</a></div>'
    )
    head = '<meta http-equiv="Content-Type" content="text/html; charset=gb2312"><title>时报网_新闻门户</title>'
    site.page(
        "/",
        f'{menu}<ul>{lists}</ul><a href="{short}">夺冠</a><a href="http://www.miibeian.gov.cn/">备案</a>',
        head=head,
        kind="text/html",
    )
    for page in (1, 2, 3):
        path = "http://news.shibao.com.cn/" + ("" if page == 1 else f"index_{page}.html")
        some = "".join(f'<li><a href="{p}">{t}</a></li>' for p, t in list(reversed(rows))[(page - 1) * 4 : page * 4])
        following = (
            f'<div class="pages"><a href="http://news.shibao.com.cn/index_{page + 1}.html">下一页</a></div>'
            if page < 3
            else ""
        )
        site.page(path, menu + some + following, head=head, kind="text/html")
    site.page("http://sports.shibao.com.cn/", menu + f'<a href="{short}">夺冠</a>', head=head, kind="text/html")
    return site


def persian() -> Site:
    """A news agency: a language folder, id and slug in two segments, a page that lists the feeds, pages by "
    "class `next`."""
    site = Site("https://www.sobhdaily.ir/fa/")
    rows = [
        (site.article(f"/fa/news/{n}/{FA[n % 3].replace(' ', '-')}", FA[n % 3]), FA[n % 3]) for n in range(410, 422)
    ]
    menu = (
        '<nav><a href="/fa/politics">سیاسی</a><a href="/fa/sport">ورزشی</a><a '
        'href="/fa/archive/calendar">تقویم</a></nav><footer><a href="/fa/rss">RSS</a><a '
        'href="/fa/about">درباره ما</a></footer>'
    )
    site.page("/fa/", menu + teasers(rows[-3:]), head="<title>صبح روز | خبرگزاری</title>")
    site.page("/fa/sport", menu + teasers(rows[:2]))
    for page in (1, 2):
        following = '<li class="next"><a href="/fa/politics?page=2">›</a></li>' if page == 1 else ""
        site.page(
            "/fa/politics" + ("" if page == 1 else "?page=2"),
            menu + teasers(rows[(page - 1) * 6 : page * 6]) + following,
        )
    site.page(
        "/fa/rss", '<ul><li><a href="/fa/rss/allnews">همه</a></li><li><a href="/fa/rss/politics">سیاسی</a></li></ul>'
    )
    site.put("/fa/rss/allnews", rss([(f"https://www.sobhdaily.ir{p}", t) for p, t in rows[-4:]], "صبح روز"), "text/xml")
    return site


def arabic_slugs() -> Site:
    """A WordPress site with Arabic slugs straight below the root, sections of one word, `/page/2/`, a feed of "
    "comments."""
    site = Site("https://alraseef.net/")
    rows = [
        (site.article(f"/{AR[n % 3].replace(' ', '-')}-{n}/", f"{AR[n % 3]} {n}"), f"{AR[n % 3]} {n}") for n in range(9)
    ]
    menu = (
        '<nav class="menu"><a href="/category/سياسة/">سياسة</a><a href="/من-نحن/">من نحن</a><a '
        'href="/author/admin/">المحرر</a></nav>'
    )
    feeds = (
        '<link rel="alternate" type="application/rss+xml" title="x" href="/feed/"><link rel="alternate" '
        'type="application/rss+xml" href="/comments/feed/">'
    )
    for page in (1, 2, 3):
        following = (
            f'<div class="nav-links"><a class="next page-numbers" href="/page/{page + 1}/">التالي</a></div>'
            if page < 3
            else ""
        )
        tags = '<p><a rel="tag" href="/tag/وسم-طويل-من-أربع-كلمات/">وسم</a></p>'
        head = f'<html lang="en-US"><title>رصيف</title>{feeds}'
        site.page(
            "/" if page == 1 else f"/page/{page}/",
            menu + teasers(list(reversed(rows))[(page - 1) * 3 : page * 3]) + tags + following,
            head=head,
        )
    site.page("/category/سياسة/", menu + teasers(rows[:2]))
    site.put(
        "/feed/",
        rss([(f"https://alraseef.net{p}?utm_source=rss&utm_medium=rss", t) for p, t in rows[-2:]], "رصيف"),
        "application/rss+xml",
    )
    site.put("/comments/feed/", rss([(f"https://alraseef.net{rows[0][0]}#comment-1", "تعليق")]), "application/rss+xml")
    return site


def indian() -> Site:
    """A portal whose pages all end in `.cms`: articles, sections and video pages differ by number alone; a "
    "news sitemap."""
    site = Site("https://khabartimes.in/")
    rows = [
        (
            site.article(f"/city/delhi/{EN[n % 3].lower().replace(' ', '-')}/articleshow/1029{n}.cms", EN[n % 3]),
            EN[n % 3],
        )
        for n in range(10, 22)
    ]
    menu = (
        '<div id="topnav"><a href="/city/delhi">Delhi</a><a '
        'href="/sports/articlelist/4719148.cms">Sports</a><a '
        'href="/rssfeeds/-2128936835.cms">RSS</a></div>'
    )
    site.page(
        "/",
        menu
        + "".join(f'<span class="w_tle"><a href="{p}">{t}</a></span>' for p, t in rows[-6:])
        + '<div class="footer"><a href="/terms-and-conditions-of-use-and-service">Terms</a></div>',
        head='<title>Khabar Times: latest news</title><meta property="og:locale" content="en_US">',
    )
    site.page("/city/delhi", menu + teasers(rows[:6]))
    site.page("/sports/articlelist/4719148.cms", menu + teasers(rows[5:7]))
    site.put("/robots.txt", "User-agent: *\nSitemap: https://khabartimes.in/sitemap/news.cms\n", "text/plain")
    site.put(
        "/sitemap/news.cms", urlset([f"https://khabartimes.in{p}" for p, _ in rows[-3:]], news=True), "application/xml"
    )
    site.put(
        "/rssfeeds/-2128936835.cms",
        rss([(f"https://khabartimes.in{p}", t) for p, t in rows[-3:]], "Khabar Times"),
        "text/xml",
    )
    return site


SITES = [blogger, joomla, single_page, old_asp, chinese_portal, persian, arabic_slugs, indian]


@pytest.mark.parametrize("make", SITES, ids=lambda make: make.__name__)
def test_every_article_is_found_and_nothing_else(make: Callable[[], Site]) -> None:
    """By its home address alone, an outlet's articles are all found, and no other page is taken for one."""
    site = make()
    result = probe(site)
    assert not result.problem
    found = walk(site, result.outlet).articles
    assert dict.fromkeys(site.articles - found.keys()) == {}
    assert {key: found[key] for key in found.keys() - site.articles} == {}


@pytest.mark.parametrize(
    ("make", "name", "languages", "country"),
    [
        (blogger, "جريدة الحي", ("ar",), ""),
        (joomla, "Le Journal", ("fr",), "TN"),
        (single_page, "The Daily", ("en",), "KE"),
        (old_asp, "alnahda", ("ar",), "EG"),
        (chinese_portal, "时报网", ("zh",), "CN"),
        (persian, "صبح روز", ("fa",), "IR"),
        (arabic_slugs, "رصيف", ("ar",), ""),
        (indian, "Khabar Times", ("en",), "IN"),
    ],
)
def test_an_outlet_is_described(make: Callable[[], Site], name: str, languages: tuple[str, ...], country: str) -> None:
    """Name, language and country come from the pages; a language that the software declares is not believed."""
    outlet = probe(make()).outlet
    assert (outlet.name, outlet.languages, outlet.country) == (name, languages, country)


@pytest.mark.parametrize("make", SITES, ids=lambda make: make.__name__)
def test_a_probe_is_cheap(make: Callable[[], Site]) -> None:
    """A probe asks at most 25 times, and never twice for one address."""
    site = make()
    probe(site)
    assert len(site.asked) <= 25
    assert len(set(site.asked)) == len(site.asked)


def test_feeds_and_sitemaps_of_each_platform() -> None:
    """Feeds and sitemaps are found where the platform keeps them; comments are left out."""
    assert probe(blogger()).outlet.feeds == ("https://jarida.blogspot.com/feeds/posts/default",)
    assert probe(joomla()).outlet.feeds == ("http://www.lejournal.tn/index.php?format=feed&type=rss",)
    assert probe(persian()).outlet.feeds == ("https://www.sobhdaily.ir/fa/rss/allnews",)
    assert probe(arabic_slugs()).outlet.feeds == ("https://alraseef.net/feed/",)
    assert probe(indian()).outlet.feeds == ("https://khabartimes.in/rssfeeds/-2128936835.cms",)
    assert probe(indian()).outlet.news_sitemaps == ("https://khabartimes.in/sitemap/news.cms",)
    assert probe(single_page()).outlet.sitemaps == ("https://www.thedaily.ke/sitemaps/index.xml",)


def test_sections_come_from_the_menu() -> None:
    """Sections are what the menu names, without pages about the outlet, calendars and log-ins."""
    assert probe(persian()).outlet.sections == (
        "https://www.sobhdaily.ir/fa/politics",
        "https://www.sobhdaily.ir/fa/sport",
    )
    assert probe(joomla()).outlet.sections == ("http://www.lejournal.tn/index.php/politique",)
    assert probe(old_asp()).outlet.sections == ("http://www.alnahda.com.eg/list.asp?classid=7",)
