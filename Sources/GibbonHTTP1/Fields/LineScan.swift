// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// Where in an unfinished line an earlier call stopped. Each byte of a head is scanned once, also
/// when it comes alone; and a wrong byte is reported when it comes, not when its line ends.
struct LineScan: Sendable {
  /// The next byte to scan; any offset before the line means its start.
  var position = 0
  /// Where a field's name or a request's method ends; negative until then.
  var nameEnd = -1
  /// The first `?` and the first `#` of a request target; negative when there is none.
  var questionMark = -1
  var numberSign = -1
  var hasPercent = false
  /// The request target has a byte beyond ASCII.
  var hasHighBytes = false
  /// A line ended with a bare LF, which only what a service sends may do.
  var hasBareLineFeed = false
  /// Where a request target ends; negative until then.
  var targetEnd = -1
}
