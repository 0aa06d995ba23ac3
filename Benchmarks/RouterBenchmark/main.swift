// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonRouting
import Glibc

/// Prints what a match and a build cost.
///
/// `RouterBenchmark [--million] [--routes N] [--table WORD]`: memory is the growth of the process, so it
/// is exact only when one table is measured alone, with `--routes` and `--table`.
let arguments = CommandLine.arguments

func value(of option: String) -> String? {
  arguments.firstIndex(of: option).flatMap { $0 + 1 < arguments.count ? arguments[$0 + 1] : nil }
}

let usual = [1, 1_000, 10_000, 100_000] + (arguments.contains("--million") ? [1_000_000] : [])
let sizes = value(of: "--routes").flatMap { Int($0) }.map { [$0] } ?? usual
let word = value(of: "--table") ?? ""

print("table, routes, build ms, memory MB, match ns, slowest match ns, allocations per match, one changed route us")
for size in sizes {
  for shape in Table.shapes where word.isEmpty || shape.name.contains(word) {
    guard size <= shape.limit else { continue }
    measure(shape.make(size))
  }
}
