// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import Testing

@testable import GibbonPlugins

@Suite struct MessageFramesTests {
  private static func read(_ parts: [[UInt8]], limit: Int = 100) -> String {
    var frames = MessageFrames(limit: limit)
    var found: [String] = []
    do {
      for part in parts {
        frames.append(ByteBuffer(part))
        while let frame = try frames.next() {
          found.append("\(frame.flags):\(String(decoding: frame.payload, as: UTF8.self))")
        }
      }
    } catch {
      found.append("\(error)")
    }
    return found.joined(separator: " ") + " +\(frames.pending)"
  }

  @Test func framesAreReadHoweverTheyAreCut() {
    let bytes = frame("one") + frame("") + frame("three", flags: 1) + frame("end", flags: 0x80)
    let whole = "0:one 0: 1:three 128:end +0"
    #expect(Self.read([bytes]) == whole)
    #expect(Self.read(bytes.map { [$0] }) == whole)
    for cut in bytes.indices {
      #expect(Self.read([Array(bytes[..<cut]), Array(bytes[cut...])]) == whole)
    }
  }

  @Test func whatIsNotWholeWaits() {
    #expect(Self.read([[0, 0, 0, 0]]) == " +4")
    #expect(Self.read([[0, 0, 0, 0, 2, 0x61]]) == " +6")
  }

  @Test func lengthsAreBoundedBeforeTheyAreBelieved() {
    #expect(Self.read([[0, 0xFF, 0xFF, 0xFF, 0xFF]]) == "tooLarge +5")
    #expect(Self.read([[0, 0, 0, 0, 101]]) == "tooLarge +5")
    #expect(Self.read([frame([UInt8](repeating: 0x61, count: 100))]).hasSuffix("+0"))
  }

  /// A stream whose messages never end where its parts do.
  @Test func whatWasReadIsForgotten() throws {
    var frames = MessageFrames()
    let bytes = frame([UInt8](repeating: 7, count: 100))
    frames.append(ByteBuffer(Array(bytes[..<50])))
    for _ in 0..<10_000 {
      frames.append(ByteBuffer(Array(bytes[50...] + bytes[..<50])))
      #expect(try frames.next()?.payload.count == 100)
      #expect(frames.pending == 50 && frames.capacity < 4096)
    }
  }

  @Test func framesAreWritten() {
    #expect(MessageFrames.frame([1, 2]) == [0, 0, 0, 0, 2, 1, 2])
    #expect(MessageFrames.frame([UInt8](repeating: 0, count: 0x1_0203), flags: 0x80).prefix(5) == [0x80, 0, 1, 2, 3])
  }
}
