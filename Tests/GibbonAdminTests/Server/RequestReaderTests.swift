// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonHTTP1
import Testing

@testable import GibbonAdmin

@Suite struct RequestReaderTests {
  /// The head and the body of a request that arrives in pieces of a size.
  private func read(_ text: String, pieces size: Int, limit: Int = 1 << 20) -> String {
    var reader = RequestReader(bodyLimit: limit)
    var rest = Array(text.utf8)[...]
    var head: ReceivedHead?
    while true {
      if let received = head {
        switch reader.nextBody(received.framing) {
        case .whole(let body): return "\(received.method) \(received.target) \(String(decoding: body, as: UTF8.self))"
        case .tooLarge: return "too large"
        case .failed(let error): return "failed \(error.status)"
        case .needsMore: break
        }
      } else {
        switch reader.nextHead() {
        case .whole(let received):
          head = received
          continue
        case .failed(let error): return "failed \(error.status)"
        case .needsMore: break
        }
      }
      guard !rest.isEmpty else { return "unfinished" }
      reader.append(rest.prefix(size))
      rest = rest.dropFirst(size)
    }
  }

  static let cases = [
    ("GET /a?b=c HTTP/1.1\r\nHost: h\r\n\r\n", "GET /a?b=c "),
    ("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabcGET /", "POST / abc"),
    (
      "PUT /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1;x=y\r\nc\r\n0\r\n\r\n", "PUT /x abc"
    ),
    ("GET http://h:1/p?q HTTP/1.1\r\nHost: other\r\n\r\n", "GET /p?q "),
    ("GET http://h HTTP/1.1\r\nHost: h\r\n\r\n", "GET / "),
    ("GET /ø?q=ü HTTP/1.1\r\nHost: h\r\n\r\n", "GET /%C3%B8?q=%C3%BC "),
    ("\r\nGET /é HTTP/1.0\r\n\r\n", "GET /%C3%A9 "),
    ("FOO / HTTP/1.1\r\nHost: h\r\n\r\n", "FOO / "), ("get / HTTP/1.1\r\nHost: h\r\n\r\n", "failed 400"),
    ("GET / HTTP/2.0\r\nHost: h\r\n\r\n", "failed 505"), ("GET / HTTP/1.1\r\n\r\n", "failed 400"),
    ("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9999999\r\n\r\n", "too large"),
    ("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nabc", "unfinished"),
    ("GET / HTTP/1.1\r\nHo", "unfinished"),
    ("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "failed 400"),
  ]

  @Test(arguments: cases) func theAnswerDoesNotDependOnHowItArrives(text: String, outcome: String) {
    for size in [1, 2, 7, 64, 100_000] { #expect(self.read(text, pieces: size) == outcome, "\(size)") }
  }

  @Test func longLinesAreRefusedWhileTheyGrow() {
    #expect(self.read("GET /" + String(repeating: "a", count: 9000), pieces: 100) == "failed 414")
    #expect(self.read("GET /" + String(repeating: "é", count: 9000), pieces: 100).hasPrefix("failed 4"))
    let field = "GET / HTTP/1.1\r\nX: " + String(repeating: "a", count: 9000)
    #expect(self.read(field, pieces: 100) == "failed 494")
  }

  @Test func chunksTogetherHaveALimit() {
    let chunks = String(repeating: "8\r\nabcdefgh\r\n", count: 20)
    let text = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks + "0\r\n\r\n"
    #expect(self.read(text, pieces: 10, limit: 100) == "too large")
    #expect(self.read(text, pieces: 10, limit: 160).hasPrefix("POST / abcdefgh"))
  }

  @Test func requestsOfOneConnectionFollowOneAnother() {
    var reader = RequestReader(bodyLimit: 100)
    reader.append("POST /1 HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nabGET /2 HTTP/1.1\r\nHost: h\r\n\r\n".utf8)
    guard case .whole(let first) = reader.nextHead(), case .whole(let body) = reader.nextBody(first.framing),
      case .whole(let second) = reader.nextHead()
    else {
      Issue.record("not whole")
      return
    }
    #expect(first.target == "/1" && body == Array("ab".utf8) && second.target == "/2" && reader.isEmpty)
  }
}
