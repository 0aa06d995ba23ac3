// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

extension FixedWidthInteger {
  /// The nearest integer below, or the nearest there is: a number from a configuration may be any. What is no number
  /// is 0.
  // Inlined, because through the protocol it costs 200 ns, and limits are computed for each request.
  @inlinable
  public init(clamping number: Double) {
    let whole = number.rounded(.down)
    self = Self(exactly: whole) ?? (whole.isNaN ? 0 : whole < 0 ? .min : .max)
  }
}
