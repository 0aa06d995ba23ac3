# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: the Gibbon authors
"""HTTP/2 on raw sockets, and the cases that `../h2spec.py` plays."""
