//! Requests made from what each cloud itself calls a network, so that the common ones are short
//! and none mixes up an account with a network.

use crate::model::validation::{cidr, region_of_aws};
use crate::types::{
    AwsPeeringUpdate, Container, NewAwsPeering, NewAzurePeering, NewGcpPeering, NewPeering,
    Peering, PeeringUpdate,
};
use crate::{ContainerId, Error};

impl NewAwsPeering {
    /// A peering with a VPC by its ARN, which tells its account and its region as well.
    ///
    /// ```
    /// use atlas_peering::types::NewAwsPeering;
    ///
    /// let arn = "arn:aws:ec2:eu-west-1:123456789012:vpc/vpc-0123456789abcdef0";
    /// let request = NewAwsPeering::from_arn(arn, "10.0.0.0/24")?;
    /// assert_eq!(request.aws_account_id, "123456789012");
    /// assert_eq!(request.accepter_region_name.as_deref(), Some("eu-west-1"));
    /// # Ok::<(), atlas_peering::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The ARN is none of a VPC.
    pub fn from_arn(arn: &str, route_table_cidr_block: impl Into<String>) -> Result<Self, Error> {
        let (owner, vpc) = arn.split_once(":vpc/").unwrap_or_default();
        match owner.split(':').collect::<Vec<_>>()[..] {
            ["arn", _, "ec2", region, account] if !region.is_empty() => {
                Ok(Self::new(vpc, account, route_table_cidr_block).accepter_region_name(region))
            }
            _ => {
                let remedy = "it is arn:aws:ec2:REGION:ACCOUNT:vpc/VPC";
                Err(Error::input("ARN of the VPC", arn, remedy))
            }
        }
    }
}

impl NewAzurePeering {
    /// A peering with a virtual network by its resource id, which tells its subscription and its
    /// resource group as well; `directory` is the Microsoft Entra directory (tenant): a UUID.
    ///
    /// ```
    /// use atlas_peering::types::NewAzurePeering;
    ///
    /// let request = NewAzurePeering::from_resource_id(
    ///     "6746ceedaef48d1cb265896b".parse()?,
    ///     "5b7a4a3e-90a6-4a0c-9a1b-3f1c6a7d2e11",
    ///     "/subscriptions/0d8f3c56-1c3e-4c6b-8a94-7d2f5b9e6a02/resourceGroups/network-rg\
    ///      /providers/Microsoft.Network/virtualNetworks/app-vnet",
    /// )?;
    /// assert_eq!(request.resource_group_name, "network-rg");
    /// # Ok::<(), atlas_peering::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The resource id is none of a virtual network.
    pub fn from_resource_id(
        container: ContainerId,
        directory: impl Into<String>,
        resource_id: &str,
    ) -> Result<Self, Error> {
        // Azure takes its own words in any case; between two slashes is a name.
        let words = "subscriptions//resourceGroups//providers/Microsoft.Network/virtualNetworks/";
        let path = resource_id.strip_prefix('/').unwrap_or_default();
        let parts: Vec<_> = path.split('/').collect();
        let fits = |(word, part): (&str, &&str)| match word {
            "" => !part.is_empty(),
            _ => part.eq_ignore_ascii_case(word),
        };
        if parts.len() != 8 || !words.split('/').zip(&parts).all(fits) {
            let what = "id of the virtual network";
            let remedy = "it is /subscriptions/…/resourceGroups/…/providers/Microsoft.Network/virtualNetworks/…";
            return Err(Error::input(what, resource_id, remedy));
        }
        Ok(Self::new(
            directory, parts[1], container, parts[3], parts[7],
        ))
    }
}

impl NewGcpPeering {
    /// A peering with a network by its name or link on Google Cloud, such as
    /// `projects/my-project-1/global/networks/default`.
    ///
    /// ```
    /// use atlas_peering::types::NewGcpPeering;
    ///
    /// let request = NewGcpPeering::from_self_link(
    ///     "6746ceedaef48d1cb265896b".parse()?,
    ///     "projects/my-project-1/global/networks/default",
    /// )?;
    /// assert_eq!(request.network_name, "default");
    /// # Ok::<(), atlas_peering::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The link is none of a network.
    pub fn from_self_link(container: ContainerId, link: &str) -> Result<Self, Error> {
        match link.split('/').collect::<Vec<_>>()[..] {
            [.., "projects", project, "global", "networks", network]
                if !project.is_empty() && !network.is_empty() =>
            {
                Ok(Self::new(container, project, network))
            }
            _ => {
                let remedy = "it is projects/PROJECT/global/networks/NETWORK";
                Err(Error::input("link of the network", link, remedy))
            }
        }
    }
}

impl NewPeering {
    /// Holds the request against the container that it is for.
    ///
    /// # Errors
    ///
    /// The container is one of another cloud, or its block overlaps that of the network.
    pub fn check_with(&self, container: &Container) -> Result<(), Error> {
        let (own, of) = (self.provider(), container.provider());
        if own != of {
            let remedy = format!("the container is one of {of}, and the network one of {own}");
            return Err(Error::input("containerId", container.id().as_str(), remedy));
        }
        if let (Self::Aws(request), Some(atlas)) = (self, container.atlas_cidr_block()) {
            cidr::apart(&request.route_table_cidr_block, atlas)?;
        }
        Ok(())
    }
}

impl PeeringUpdate {
    /// The change that starts a failed peering on AWS anew: it names the same account and network
    /// again. Its block and region are said again too, so that they stay whatever the service makes
    /// of what is left out.
    ///
    /// ```
    /// # use atlas_peering::types::{Peering, PeeringUpdate};
    /// # let failed: Peering = serde_json::from_value(serde_json::json!({
    /// #     "id": "1112222b3bf99403840e8934", "vpcId": "vpc-1", "awsAccountId": "123456789012",
    /// #     "statusName": "FAILED", "errorStateName": "EXPIRED",
    /// # }))?;
    /// let change = PeeringUpdate::reinitialize(&failed)?;
    /// // atlas.update_peering_connection(&project, failed.id(), &change).await?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The peering is not one of AWS, where alone this works, or does not tell its account and
    /// network.
    pub fn reinitialize(peering: &Peering) -> Result<Self, Error> {
        let refuse = |remedy| Err(Error::input("peering", peering.id().as_str(), remedy));
        let Peering::Aws(aws) = peering else {
            return refuse("on AWS alone a peering can start anew: delete it, and create another");
        };
        let (Some(_), Some(_)) = (&aws.aws_account_id, &aws.vpc_id) else {
            return refuse("it does not tell its awsAccountId and vpcId");
        };
        let mut update = AwsPeeringUpdate::new();
        update.accepter_region_name = aws.accepter_region_name.as_deref().map(region_of_aws);
        update.aws_account_id.clone_from(&aws.aws_account_id);
        update
            .route_table_cidr_block
            .clone_from(&aws.route_table_cidr_block);
        update.vpc_id.clone_from(&aws.vpc_id);
        Ok(Self::Aws(update))
    }
}
