// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonCore

/// A head made of parts that came one by one, as HTTP/2 sends them (RFC 9113, section 8.3.1), under the rules for
/// request lines and for `Host`.
extension RequestHead {
  /// Takes a method and a target in. All places count from the start of `input`. nil, or what is wrong.
  public mutating func take(method: ByteRange, target: ByteRange, in input: Span<UInt8>) -> HeadError.Kind? {
    guard !method.isEmpty else { return .invalidMethod }
    for index in method.bounds where !ByteSet.method.contains(input[index]) { return .invalidMethod }
    var scan = LineScan()
    let end = target.upperBound
    guard !target.isEmpty, RequestLine.endOfTarget(input, from: target.lowerBound, to: end, &scan) == end else {
      return .invalidTarget
    }
    let line = RequestLine(
      method: method, target: target, version: .http2, questionMark: scan.questionMark < 0 ? end : scan.questionMark,
      numberSign: scan.numberSign < 0 ? end : scan.numberSign, hasPercent: scan.hasPercent,
      hasHighBytes: scan.hasHighBytes)
    return self.take(line, in: input)
  }

  /// Takes the host in that the request is for. nil, or what is wrong.
  public mutating func take(authority: ByteRange, in input: Span<UInt8>) -> HeadError.Kind? {
    guard let host = HostPort.parse(input, authority) else { return .invalidHost }
    self.take(host)
    return nil
  }
}
