# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: the Gibbon authors
"""The attacks that `../http2_attacks.py` plays."""
