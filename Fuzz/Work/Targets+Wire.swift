// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonHTTP1
internal import GibbonRegex

/// Heads, lists, trailers and paths, and the patterns that routes look at them with.
extension Target {
  static let ofTheWire: [Target] = [
    Target(
      name: "request head", stepsPerByte: 100,
      seeds: [
        "GET /a?b=c HTTP/1.1\r\nHost: a.test:80\r\nConnection: close, x\r\nTE: trailers\r\n\r\n",
        "POST http://[::1]:80/x HTTP/1.1\r\nHost: b\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", "\r\nGET",
        "PUT * HTTP/1.0\nContent-Length: 1\nContent-Length: 1\nX_A: ,,, ,,\nExpect: 100-continue\n\n",
      ],
      run: { text in
        var parser = RequestHeadParser(limits: .nginx)
        var head = RequestHead()
        _ = parser.parse(text.span, into: &head)
      }),
    Target(
      name: "response head", stepsPerByte: 100,
      seeds: [
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: keep-alive, Upgrade\r\nUpgrade: a, b\r\n\r\n",
        "HTTP/1.0 304\nTransfer-Encoding: chunked,chunked\nKeep-Alive: timeout=5, max=1\n\n", "HTTP/1.1 1",
      ],
      run: { text in
        var parser = ResponseHeadParser(limits: .nginx)
        var head = ResponseHead()
        _ = parser.parse(text.span, into: &head)
      }),
    Target(
      name: "chunked body", stepsPerByte: 100,
      seeds: ["4;a=b\r\nabcd\r\n0\r\nX-A: b\r\nY: ,\r\n\r\n", "1 \nx\n1\ny\n00000\n\n", "0\r\n"],
      run: { text in
        var decoder = ChunkedDecoder(limits: .nginx, isLoose: true)
        var offset = 0
        while case .data(let range) = decoder.next(text.span, from: offset) { offset = range.upperBound }
      }),
    Target(
      name: "path", stepsPerByte: 300,
      seeds: ["/a/../b/./c//d", "/%2e%2E/%2fadmin;x/..", "/a%c3%b6/%00/\\..\\", "/x/..%5c..;/", "/%25%32%65"],
      run: { text in
        var normal = ByteBuffer()
        _ = PathNormalizer.normalize(text.span, into: &normal)
        _ = PathNormalizer.isNormal(normal.span)
        _ = PathNormalizer.flaws(ofUnnormalized: text.span)
        PathNormalizer.escape(text.span, into: &normal)
        PathNormalizer.escapeQuery(text.span, into: &normal)
      }),
    // Backtracking ends after a few steps, and the search goes on in linear time.
    Target(
      name: "pattern", stepsPerByte: 3000, baseSteps: 200_000,
      seeds: ["/aaaaaaaaaaaaaaaa/x", "/a/b/c/0123456789", "/user/a-b-c_d", "aaaa aaaa aaaa!"],
      run: { text in
        let scratch = RegexScratch()
        for regex in Target.patterns { _ = regex.match(text.span, scratch: scratch) }
      }),
  ]

  private static let patterns = ["^/(a+)+$", "(a|aa)+x", "/(\\w+[-_]?)*/$", "([a-z]+)*[0-9]{1,9}!"].compactMap {
    try? Regex.compile($0)
  }
}
