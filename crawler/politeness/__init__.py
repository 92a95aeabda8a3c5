"""How gently outlets are asked: identity, robots.txt, Retry-After, redirects; the pace of each host is crawler/gate.py.

identity.py imports no Scrapy; robots.py, retry.py, redirect.py and queue.py are Scrapy components;
components.py gives the Scrapy settings that put them in place.
"""
