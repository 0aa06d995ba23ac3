// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonRouting
import Glibc

/// Prints what a match and a build cost. `RouterBenchmark [--million]`.
let sizes = CommandLine.arguments.contains("--million") ? [1, 1_000, 10_000, 100_000, 1_000_000] : [1, 1_000, 10_000, 100_000]

print("table, routes, build ms, memory MB, match ns, worst ns, allocations per match, delta us")
for size in sizes {
  for table in Table.all(size) { measure(table) }
}
