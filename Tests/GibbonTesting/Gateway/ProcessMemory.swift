// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import Foundation

/// Memory of a process and its children, in bytes, from /proc.
public enum ProcessMemory {
  /// Resident now.
  public static func resident(of process: pid_t) -> Int { self.sum("VmRSS:", of: process) }

  /// The most that was ever resident. It never falls, so growth over a start value cannot be missed between two looks.
  public static func peak(of process: pid_t) -> Int { self.sum("VmHWM:", of: process) }

  private static func sum(_ field: String, of process: pid_t) -> Int {
    let own =
      contents(of: URL(fileURLWithPath: "/proc/\(process)/status")).split(separator: "\n")
      .first { $0.hasPrefix(field) }
      .flatMap { $0.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first }
      .flatMap { Int($0) } ?? 0
    let children = contents(of: URL(fileURLWithPath: "/proc/\(process)/task/\(process)/children"))
    return children.split(separator: " ").compactMap { pid_t($0) }.reduce(own * 1024) { $0 + self.sum(field, of: $1) }
  }
}
