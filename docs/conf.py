"""Settings of the documentation site, which `make docs` builds without using a network."""

import sys
from pathlib import Path

from item2vec import __version__

sys.path.insert(0, str(Path(__file__).parent / "extensions"))

project = "item2vec"
author = "The item2vec authors"
release = version = __version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.napoleon",
    "sphinx_click",
    "declared_parameters",
    "command_help",
]
exclude_patterns = ["_build"]
nitpicky = False  # docstrings also name parameters and internal functions, which have no page
default_role = "py:obj"  # docstrings put names in single backticks
smartquotes = False  # they would turn the two hyphens of an option into a dash

# -- Markdown -------------------------------------------------------------------------------------

myst_heading_anchors = 4  # links to headings work as they do on a code-hosting page

# -- docstrings -----------------------------------------------------------------------------------

napoleon_google_docstring = False
napoleon_use_param = False  # types are descriptions such as "array of shape (n,)", and no links
napoleon_use_rtype = False
autodoc_member_order = "bysource"
autodoc_typehints = "none"  # docstrings describe types and shapes
autosummary_generate = False
add_module_names = False
toc_object_entries_show_parents = "hide"
maximum_signature_line_length = 88

# -- pages ----------------------------------------------------------------------------------------

html_theme = "furo"  # uses the fonts of the reader's system
html_title = f"item2vec {version}"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_copyright = False  # the licence says what is to be said
