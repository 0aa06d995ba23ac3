// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore

extension ChunkedDecoder {
  /// Takes one byte outside of content and trailers; what is wrong with it, if anything.
  mutating func take(_ byte: UInt8) -> HeadError.Kind? {
    switch self.state {
    case .sizeStart, .size: return self.takeSize(byte)
    case .sizeLineFeed:
      guard byte == .lineFeed else { return .bareCarriageReturn }
      self.beginChunk()
    case .dataReturn:
      if byte == .lineFeed, self.isLoose {
        self.hasBareLineFeed = true
        self.state = .sizeStart
        return nil
      }
      guard byte == .carriageReturn else { return .missingChunkEnd }
      self.state = .dataLineFeed
    case .dataLineFeed:
      guard byte == .lineFeed else { return .missingChunkEnd }
      self.state = .sizeStart
    default:
      self.extensionBytes &+= 1
      self.allExtensionBytes &+= 1
      if self.extensionBytes > self.limits.chunkExtensionBytes
        || !self.isLoose && self.allExtensionBytes > 16 &* self.limits.chunkExtensionBytes &+ self.contentBytes
      {
        return .chunkExtensionTooLong
      }
      return self.takeExtension(byte)
    }
    return nil
  }

  private mutating func takeSize(_ byte: UInt8) -> HeadError.Kind? {
    if let digit = byte.hexDigitValue {
      // Sixteen digits hold every size there is; more are an attempt at some other parser.
      guard self.digits < 16, self.remaining <= UInt64(Int64.max) >> 4 else { return .chunkSizeTooLarge }
      self.digits &+= 1
      self.remaining = self.remaining << 4 | UInt64(digit)
      self.state = .size
      return nil
    }
    guard self.state == .size else { return .invalidChunkSize }
    switch byte {
    case .carriageReturn: self.state = .sizeLineFeed
    case UInt8(ascii: ";"): self.state = .extensionNameStart
    case .space, .tab: self.state = .beforeExtension
    case .lineFeed: return self.endLine()
    default: return .invalidChunkSize
    }
    return nil
  }

  /// A size line ends with a bare LF.
  private mutating func endLine() -> HeadError.Kind? {
    guard self.isLoose else { return .bareLineFeed }
    self.hasBareLineFeed = true
    self.beginChunk()
    return nil
  }

  private mutating func beginChunk() {
    self.state = self.remaining == 0 ? .trailers : .data
    self.digits = 0
    self.extensionBytes = 0
  }

  /// `*( BWS ";" BWS name [ BWS "=" BWS ( token / quoted-string ) ] )` (RFC 9112, section 7.1.1).
  private mutating func takeExtension(_ byte: UInt8) -> HeadError.Kind? {
    if byte == .lineFeed { return self.endLine() }
    if self.state == .looseExtension { return self.takeLoose(byte) }
    if self.state == .extensionQuoted || self.state == .extensionEscape { return self.takeQuoted(byte) }
    guard let next = self.stateInExtension(after: byte) else { return self.takeLoose(byte) }
    self.state = next
    return nil
  }

  /// What is no extension is passed over up to the line's end, if the sender is a service.
  private mutating func takeLoose(_ byte: UInt8) -> HeadError.Kind? {
    guard self.isLoose, byte.isPlainText || byte == .tab || byte == .carriageReturn else {
      return .invalidChunkExtension
    }
    self.state = byte == .carriageReturn ? .sizeLineFeed : .looseExtension
    return nil
  }

  /// The state after one byte of an extension outside of quotes; nil if the byte is wrong there.
  private func stateInExtension(after byte: UInt8) -> State? {
    let isToken = ByteSet.token.contains(byte)
    switch (self.state, byte) {
    case (.extensionNameStart, _) where isToken: return .extensionName
    case (.extensionValueStart, UInt8(ascii: "\"")): return .extensionQuoted
    case (.extensionValueStart, _) where isToken: return .extensionToken
    case (.extensionName, _) where isToken, (.extensionToken, _) where isToken: return self.state
    case (.extensionName, UInt8(ascii: "=")), (.afterExtensionName, UInt8(ascii: "=")): return .extensionValueStart
    case (.extensionName, .space), (.extensionName, .tab): return .afterExtensionName
    // White space inside; after a value or a size it must lead to another extension.
    case (.beforeExtension, .space), (.beforeExtension, .tab), (.afterExtensionName, .space),
      (.afterExtensionName, .tab), (.extensionNameStart, .space), (.extensionNameStart, .tab),
      (.extensionValueStart, .space), (.extensionValueStart, .tab):
      return self.state
    case (.extensionToken, .space), (.extensionToken, .tab), (.afterExtensionQuoted, .space),
      (.afterExtensionQuoted, .tab):
      return .beforeExtension
    case (.extensionNameStart, _), (.extensionValueStart, _): return nil
    case (_, UInt8(ascii: ";")): return .extensionNameStart
    case (.extensionName, .carriageReturn), (.extensionToken, .carriageReturn),
      (.afterExtensionQuoted, .carriageReturn):
      return .sizeLineFeed
    default: return nil
    }
  }

  private mutating func takeQuoted(_ byte: UInt8) -> HeadError.Kind? {
    guard byte.isPlainText || byte == .tab else { return self.takeLoose(byte) }
    if self.state == .extensionEscape {
      self.state = .extensionQuoted
    } else if byte == UInt8(ascii: "\\") {
      self.state = .extensionEscape
    } else if byte == UInt8(ascii: "\"") {
      self.state = .afterExtensionQuoted
    }
    return nil
  }
}
