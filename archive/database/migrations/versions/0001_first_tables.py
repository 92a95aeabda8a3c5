"""The first tables: captures, what follows from them, and the frontier."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# The text is folded in Python, the same for both databases: the tokenizer only parts it at what is no letter, mark or
# number, and folds nothing itself (its own way cuts words at vowel signs).
SEARCH_SQLITE = """
CREATE VIRTUAL TABLE search USING fts5(
    article UNINDEXED, title, body, tokenize = "unicode61 remove_diacritics 0 categories 'L* N* Co Mn Mc'"
)
"""
SEARCH_POSTGRESQL = (
    "CREATE TABLE search (article TEXT CONSTRAINT pk_search PRIMARY KEY, vector TSVECTOR NOT NULL)",
    "CREATE INDEX ix_search_vector ON search USING gin (vector)",
)


def upgrade() -> None:
    op.create_table(
        "articles",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("outlet", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("canonical_url", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("published", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("modified", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("sort_at", sa.BigInteger(), nullable=False),
        sa.Column("first_seen", sa.BigInteger(), nullable=False),
        sa.Column("last_seen", sa.BigInteger(), nullable=False),
        sa.Column("versions", sa.BigInteger(), nullable=False),
        sa.Column("captures", sa.BigInteger(), nullable=False),
        sa.Column("version_id", sa.Text(), nullable=False),
        sa.Column("capture_id", sa.Text(), nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("notes", sa.JSON(none_as_null=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_articles")),
        sa.UniqueConstraint("outlet", "key", name=op.f("uq_articles_outlet_key")),
    )
    op.create_index(op.f("ix_articles_language_sort_at"), "articles", ["language", "sort_at"])
    op.create_index(op.f("ix_articles_outlet_sort_at"), "articles", ["outlet", "sort_at"])
    op.create_index(op.f("ix_articles_sort_at"), "articles", ["sort_at"])
    op.create_table(
        "captures",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("urlkey", sa.Text(), nullable=False),
        sa.Column("outlet", sa.Text(), nullable=False),
        sa.Column("started", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.BigInteger(), nullable=True),
        sa.Column("mime", sa.Text(), nullable=False),
        sa.Column("length", sa.BigInteger(), nullable=False),
        sa.Column("payload_digest", sa.Text(), nullable=False),
        sa.Column("block_digest", sa.Text(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("record_length", sa.BigInteger(), nullable=False),
        sa.Column("truncated", sa.Text(), nullable=True),
        sa.Column("run", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("via", sa.Text(), nullable=True),
        sa.Column("robots", sa.Text(), nullable=False),
        sa.Column("peer", sa.Text(), nullable=True),
        sa.Column("protocol", sa.Text(), nullable=False),
        sa.Column("location", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_captures")),
        sa.UniqueConstraint("file", "offset", name=op.f("uq_captures_file_offset")),
    )
    op.create_index(op.f("ix_captures_outlet_started"), "captures", ["outlet", "started"])
    op.create_index(op.f("ix_captures_payload_digest"), "captures", ["payload_digest"])
    op.create_index(op.f("ix_captures_run"), "captures", ["run"])
    op.create_index(op.f("ix_captures_urlkey_started"), "captures", ["urlkey", "started"])
    op.create_table(
        "fetch_errors",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("urlkey", sa.Text(), nullable=False),
        sa.Column("outlet", sa.Text(), nullable=False),
        sa.Column("run", sa.Text(), nullable=False),
        sa.Column("started", sa.BigInteger(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("via", sa.Text(), nullable=True),
        sa.Column("robots", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fetch_errors")),
    )
    op.create_index(op.f("ix_fetch_errors_outlet_started"), "fetch_errors", ["outlet", "started"])
    op.create_index(op.f("ix_fetch_errors_run"), "fetch_errors", ["run"])
    op.create_index(op.f("ix_fetch_errors_urlkey_started"), "fetch_errors", ["urlkey", "started"])
    op.create_table(
        "frontier",
        sa.Column("outlet", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("via", sa.Text(), nullable=True),
        sa.Column("priority", sa.BigInteger(), nullable=False),
        sa.Column("found", sa.BigInteger(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("changed", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("outlet", "key", name=op.f("pk_frontier")),
    )
    op.create_index(op.f("ix_frontier_outlet_state_priority_due"), "frontier", ["outlet", "state", "priority", "due"])
    op.create_table(
        "hosts",
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("asked", sa.BigInteger(), nullable=False),
        sa.Column("delay", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("host", name=op.f("pk_hosts")),
    )
    op.create_table(
        "meta",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_meta")),
    )
    op.create_table(
        "runs",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("outlet", sa.Text(), nullable=False),
        sa.Column("started", sa.BigInteger(), nullable=False),
        sa.Column("ended", sa.BigInteger(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("counts", sa.JSON(none_as_null=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
    )
    op.create_index(op.f("ix_runs_outlet_started"), "runs", ["outlet", "started"])
    op.create_table(
        "warc_files",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("outlet", sa.Text(), nullable=False),
        sa.Column("sealed", sa.Boolean(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_warc_files")),
    )
    op.create_index(op.f("ix_warc_files_outlet"), "warc_files", ["outlet"])
    op.create_table(
        "extractions",
        sa.Column("capture_id", sa.Text(), nullable=False),
        sa.Column("outlet", sa.Text(), nullable=False),
        sa.Column("started", sa.BigInteger(), nullable=False),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("own_key", sa.Text(), nullable=False),
        sa.Column("claimed_key", sa.Text(), nullable=True),
        sa.Column("title_fold", sa.Text(), nullable=False),
        sa.Column("text_digest", sa.Text(), nullable=False),
        sa.Column("article_id", sa.Text(), nullable=True),
        sa.Column("article", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["capture_id"], ["captures.id"], name=op.f("fk_extractions_capture_id")),
        sa.PrimaryKeyConstraint("capture_id", name=op.f("pk_extractions")),
    )
    op.create_index(op.f("ix_extractions_article_id"), "extractions", ["article_id"])
    op.create_index(op.f("ix_extractions_outlet_claimed_key"), "extractions", ["outlet", "claimed_key"])
    op.create_index(op.f("ix_extractions_outlet_own_key"), "extractions", ["outlet", "own_key"])
    op.create_index(op.f("ix_extractions_rules_started"), "extractions", ["rules", "started"])
    op.create_table(
        "versions",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("article_id", sa.Text(), nullable=False),
        sa.Column("ordinal", sa.BigInteger(), nullable=False),
        sa.Column("first_seen", sa.BigInteger(), nullable=False),
        sa.Column("last_seen", sa.BigInteger(), nullable=False),
        sa.Column("first_capture", sa.Text(), nullable=False),
        sa.Column("last_capture", sa.Text(), nullable=False),
        sa.Column("text_digest", sa.Text(), nullable=False),
        sa.Column("captures", sa.BigInteger(), nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name=op.f("fk_versions_article_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_versions")),
        sa.UniqueConstraint("article_id", "ordinal", name=op.f("uq_versions_article_id_ordinal")),
    )
    if op.get_bind().dialect.name == "sqlite":
        op.execute(SEARCH_SQLITE)
    else:
        for statement in SEARCH_POSTGRESQL:
            op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE search")
    op.drop_table("versions")
    op.drop_table("extractions")
    op.drop_table("warc_files")
    op.drop_table("runs")
    op.drop_table("meta")
    op.drop_table("hosts")
    op.drop_table("frontier")
    op.drop_table("fetch_errors")
    op.drop_table("captures")
    op.drop_table("articles")
