// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Testing

@Suite struct CassandraStoreTests {}
