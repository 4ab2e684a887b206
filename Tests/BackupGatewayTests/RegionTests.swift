// Where the service is, and what is said of a region where it is not.
import AWSCore
import Testing

@testable import BackupGateway

@Suite struct RegionTests {
  @Test func aMistypedRegionHasANearestOne() {
    #expect(Service.nearestRegion(to: "us-esat-1") == "us-east-1")
    #expect(Service.nearestRegion(to: "EU-CENTRAL1") == "eu-central-1")
    #expect(Service.nearestRegion(to: "frankfurt") == nil)
  }

  /// A region that exists is no slip of the finger, however near another one is.
  @Test func aRegionWithoutTheServiceIsToldFromATypingError() {
    #expect(Service.doubt(about: "eu-central-1") == nil)
    #expect(
      Service.doubt(about: "eu-central-2") == "AWS Backup Gateway is not known to be in eu-central-2.")
    #expect(
      Service.doubt(about: "eu-centrla-1") == "AWS lists no region 'eu-centrla-1'; did you mean eu-central-1?"
    )
    #expect(Service.doubt(about: "frankfurt") == "AWS lists no region 'frankfurt'.")
  }

  @Test func everyRegionOfTheServiceIsKnownToAWS() {
    #expect(Service.regions.allSatisfy { Partition.isKnown(region: $0) })
    #expect(Service.regions == Service.regions.sorted())
  }

  @Test func regionsWhereTheServiceIsNotAreComputedAllTheSame() throws {
    let url = try Endpoint.resolve(service: Service.name, region: "eu-central-2")
    #expect(url.host == "backup-gateway.eu-central-2.amazonaws.com")
  }
}

@Suite struct AWSJSONTests {
  /// A proxy that serves the API under /gateway may answer /gateway with a redirect.
  @Test(arguments: [
    ("https://h", "/"), ("https://h/gateway", "/gateway/"), ("https://h/gateway/", "/gateway/"),
  ])
  func theProtocolsPathFollowsTheEndpoints(_ endpoint: String, _ path: String) throws {
    let request = AWSJSON().request(for: "ListGateways", body: [], to: try #require(URLParts(endpoint)))
    #expect(request.url.path == path)
  }
}
