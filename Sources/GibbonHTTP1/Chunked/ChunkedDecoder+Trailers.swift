// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore

extension ChunkedDecoder {
  /// Moves bytes of the trailer section from `index` on into its own buffer, up to the end of a line,
  /// and reads the line once it is whole; nil when there is more to do.
  mutating func takeTrailers(_ input: Span<UInt8>, _ index: inout Int) -> ChunkedEvent? {
    let room = self.limits.trailerBytes &- self.trailers.bytes.count
    let end = min(input.count, index &+ max(0, room))
    var lineEnd = index
    while lineEnd < end, input[lineEnd] != .lineFeed { lineEnd &+= 1 }
    let isWhole = lineEnd < end
    if isWhole { lineEnd &+= 1 }
    self.trailers.bytes.append(input.extracting(index..<lineEnd))
    index = lineEnd
    // Also an unfinished line that has used up the room is read: what is wrong with it goes before
    // its length, wherever the pieces were cut.
    if isWhole || self.trailers.bytes.count >= self.limits.trailerBytes {
      return self.readTrailerLine(endingAt: index)
    }
    return nil
  }

  /// Takes trailers that came in another coding, as field lines: those a trailer section may not have are left out here
  /// too.
  public mutating func take(trailerLines lines: Span<UInt8>) {
    self.trailers.reset()
    self.trailers.bytes.append(lines)
    var start = 0
    while start < lines.count {
      var scan = LineScan()
      let line = FieldLine.read(
        self.trailers.bytes.span, from: start, to: lines.count, &scan, takesBareLineFeed: false)
      guard case .field(let field, let next) = line else { return }
      if self.isAllowed(field) { self.trailers.fields.append(field) }
      start = next
    }
  }

  private mutating func readTrailerLine(endingAt index: Int) -> ChunkedEvent? {
    var scan = LineScan()
    let end = self.trailers.bytes.count
    let line = FieldLine.read(
      self.trailers.bytes.span, from: self.trailerLine, to: end, &scan, takesBareLineFeed: self.isLoose)
    if scan.hasBareLineFeed { self.hasBareLineFeed = true }
    switch line {
    case .field(let field, let next):
      guard self.trailers.fields.count < self.limits.fieldCount else { return self.fail(.tooManyFields) }
      if self.isAllowed(field) { self.trailers.fields.append(field) }
      self.trailerLine = next
      return nil
    case .endOfSection:
      self.state = .end
      return .end(index)
    case .incomplete: return self.fail(.trailerTooLong)
    case .failed(let kind): return self.fail(kind)
    }
  }

  /// Whether a trailer section may have the field, or one that it may be taken for.
  private func isAllowed(_ field: HeaderField) -> Bool {
    guard field.known == .other else { return !field.known.isForbiddenInTrailers }
    let bytes = self.trailers.bytes
    let name = bytes[field.name]
    if KnownField.takenFor(name)?.isForbiddenInTrailers == true { return false }
    return !IdentityField.contains(name) && !IdentityField.isForwarded(name)
  }
}
