// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Testing

/// Pages of lists: `size`, `offset`, `next` (facts: admin-api.md 2; the notes on pages).
@Suite struct AdminPagingTests {
  private static let count = 250
  /// A gateway with 250 services, every second one tagged, and one of them with five routes.
  private static let shared = Result {
    let gateway = try GatewayProcess(administered: nil)
    for number in 0..<Self.count {
      let tags: JSON = number.isMultiple(of: 2) ? ["even", "all"] : ["all"]
      try gateway.create("/services", ["name": "service-\(number)", "host": "h", "tags": tags])
    }
    for _ in 0..<5 { try gateway.create("/services/service-0/routes", ["paths": ["/r"]]) }
    return gateway
  }

  private func get(_ target: String) throws -> AdminReply { try Self.shared.get().admin("GET", target) }

  /// Follows `next` to the end; the pages.
  private func walk(_ start: String) throws -> [AdminReply] {
    var pages = [try self.get(start)]
    while let next = pages[pages.count - 1].json["next"].string, pages.count < 300 { pages.append(try self.get(next)) }
    return pages
  }

  @Test func followingNextShowsEverythingOnceByID() throws {
    let pages = try self.walk("/services?size=100")
    #expect(pages.map(\.status) == [200, 200, 200])
    #expect(pages.map(\.data.count) == [100, 100, 50])
    let ids = pages.flatMap(\.data).compactMap { $0["id"].string }
    #expect(Set(ids).count == Self.count)
    #expect(ids == ids.sorted())
    #expect(pages[2].json.keys == ["data", "next"])
    #expect(pages[2].json["next"] == nil)
  }

  @Test func nextSaysWhereToGoOn() throws {
    let page = try self.get("/services?size=100")
    let offset = try #require(page.json["offset"].string)
    #expect(!offset.contains("="))
    #expect(page.json["next"].string?.hasPrefix("/services?offset=") == true)
    #expect(page.json["next"].string?.hasSuffix("&size=100") == true)
    let other = try self.get("/services?size=7&offset=\(offset)")
    #expect(other.data.count == 7)
    #expect(other.data[0] == (try self.get(try #require(page.json["next"].string))).data[0])
  }

  @Test func aPageHasAHundredUnlessTold() throws {
    #expect(try self.get("/services").data.count == 100)
    #expect(try self.get("/services").json["next"].string?.contains("size") == false)
    #expect(try self.get("/services?size=1").data.count == 1)
    #expect(try self.get("/services?size=1000").data.count == Self.count)
    #expect(try self.get("/services?size=\(Self.count)").json["next"] == nil)
  }

  @Test func tagsAreKeptOnTheWay() throws {
    let pages = try self.walk("/services?tags=even,all&size=50")
    #expect(pages.map(\.data.count) == [50, 50, 25])
    #expect(pages[0].json["next"].string?.hasSuffix("&tags=even%2Call&size=50") == true)
    #expect(pages.flatMap(\.data).allSatisfy { $0["tags"].array.contains("even") })
  }

  @Test func nestedListsKeepThePathAsItWasSaid() throws {
    for name in ["service-0", try self.get("/services/service-0").id] {
      let page = try self.get("/services/\(name)/routes?size=2")
      #expect(page.data.count == 2)
      let next = try #require(page.json["next"].string)
      #expect(next.hasPrefix("/services/\(name)/routes?offset="))
      #expect(!next.contains("size"))
      #expect(try self.get(next).data.count == 3)
    }
  }

  @Test(arguments: [
    ("abc", "size must be a number"), ("", "size must be a number"),
    ("0", "size must be an integer between 1 and 1000"), ("-1", "size must be an integer between 1 and 1000"),
    ("1001", "size must be an integer between 1 and 1000"), ("1.5", "size must be an integer between 1 and 1000"),
  ]) func badSizeIsRefused(size: String, message: String) throws {
    let body: JSON = ["code": 9, "name": "invalid size", "message": .string(message)]
    for path in ["/services", "/services/service-0/routes", "/upstreams", "/tags"] {
      expect(try self.get("\(path)?size=\(size)"), 400, body)
    }
  }

  @Test(arguments: [
    ("x", "x", "bad base64 encoding"), ("%21%21", "!!", "bad base64 encoding"),
    ("cG90YXRv", "cG90YXRv", "bad json encoding"), ("", "", "bad json encoding"),
  ]) func badOffsetIsRefused(offset: String, shown: String, reason: String) throws {
    let body: JSON = [
      "code": 7, "name": "invalid offset", "message": "'\(shown)' is not a valid offset: \(reason)",
    ]
    for path in ["/services", "/services/service-0/routes"] {
      expect(try self.get("\(path)?offset=\(offset)"), 400, body)
    }
  }

  /// base64 of `["no id"]`, `[7]`, `{}`, `[]`: Kong fails inside or shows nothing.
  @Test(arguments: ["WyJubyBpZCJd", "Wzdd", "e30", "W10"]) func foreignOffsetsDoNoHarm(offset: String) throws {
    #expect([200, 400].contains(try self.get("/services?offset=\(offset)").status))
  }

  @Test func anEmptyListIsAList() throws {
    let reply = try self.get("/consumers")
    #expect(reply.text == #"{"data":[],"next":null}"#)
  }
}
